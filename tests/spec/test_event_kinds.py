"""Which touchpoint an event is: the first rule that matches its source, name, page and properties."""

TOUCHPOINTS = "touchpoint | position | role | channel\nbasket | 1 | cart_added | app\nshop | 2 | |\nanything | 3 | |"


def test_the_first_rule_that_matches_wins(model_of):
    model_of(
        "events",
        {
            "touchpoints": TOUCHPOINTS,
            "touchpoint_rules": "touchpoint | position | page_like\nbasket | 1 | /basket%\nshop | 2 | /shop%\nshop | 2 | /basket/shop%",
            "landed_events": """
            page_path    | channel | occurred_at
            -------------+---------+------------
            /basket      | web     | 09:00
            /basket/shop | web     | 09:01
            /shop/1      | web     | 09:02
            /help        | web     | 09:03
                         | web     | 09:04
        """,
        },
        """
        occurred_at | touchpoint | role       | channel
        ------------+------------+------------+--------
        09:00       | basket     | cart_added | app
        09:01       | basket     | cart_added | app
        09:02       | shop       |            | web
        09:03       |            |            | web
        09:04       |            |            | web
    """,
    )


def test_a_rule_may_name_a_source_and_an_event_and_all_it_names_must_match(model_of):
    model_of(
        "event_kinds",
        {
            "touchpoints": TOUCHPOINTS,
            "touchpoint_rules": "touchpoint | position | source | event_like | page_like\nbasket | 1 | web | add% | /b%\nshop | 2 | web | |",
            "landed_events": """
            source | event_name | page_path | occurred_at
            -------+------------+-----------+------------
            web    | add_item   | /b        | 09:00
            web    | add_item   | /c        | 09:00
            web    | view       | /b        | 09:00
            desk   | add_item   | /b        | 09:00
        """,
        },
        """
        source | event_name | page_path | touchpoint
        -------+------------+-----------+-----------
        web    | add_item   | /b        | basket
        web    | add_item   | /c        | shop
        web    | view       | /b        | shop
        desk   | add_item   | /b        |
    """,
    )


def test_a_star_matches_any_text_and_a_percent_sign_in_the_definition_only_itself(model_of):
    """The glob `/sale_50%*` is the pattern `/sale!_50!%%`: neither `_` nor `%` of a page is a wild card."""
    model_of(
        "event_kinds",
        {
            "touchpoints": TOUCHPOINTS,
            "touchpoint_rules": "touchpoint | position | page_like\nbasket | 1 | /sale!_50!%%\nshop | 2 | /item__",
            "landed_events": """
            page_path    | occurred_at
            -------------+------------
            /sale_50%/a  | 09:00
            /sale_50/a   | 09:00
            /saleX50%/a  | 09:00
            /item12      | 09:00
            /item123     | 09:00
            /x/sale_50%  | 09:00
        """,
        },
        """
        page_path   | touchpoint
        ------------+-----------
        /sale_50%/a | basket
        /sale_50/a  |
        /saleX50%/a |
        /item12     | shop
        /item123    |
        /x/sale_50% |
    """,
    )


def test_every_named_property_must_match(model_of):
    model_of(
        "events",
        {
            "touchpoints": TOUCHPOINTS,
            "touchpoint_rules": "touchpoint | position | event_like\nbasket | 1 | pay\nshop | 2 | pay",
            "touchpoint_rule_properties": "touchpoint | property | value_like\nbasket | plan | pro%\nbasket | trial | no",
            "landed_events": """
            event_name | rule_properties               | occurred_at
            -----------+-------------------------------+------------
            pay        | {"plan":"pro 1","trial":"no"} | 09:00
            pay        | {"plan":"pro 1","trial":"so"} | 09:01
            pay        | {"plan":"pro 1","trial":null} | 09:02
            pay        | {"plan":"free","trial":"no"}  | 09:03
            pay        |                               | 09:04
        """,
        },
        """
        occurred_at | touchpoint
        ------------+-----------
        09:00       | basket
        09:01       | shop
        09:02       | shop
        09:03       | shop
        09:04       | shop
    """,
    )


def test_coverage_lists_what_no_rule_matches(model_of):
    """Of four web events, one of three kinds matches."""
    model_of(
        "coverage",
        {
            "events": """
        source | event_name | touchpoint | person_id | occurred_at
        -------+------------+------------+-----------+------------
        web    | add        | basket     | ann       | 09:00
        web    | scroll     |            | ann       | 09:00
        web    | scroll     |            | bob       | 09:00
        web    | scroll     |            |           | 09:00
        desk   | scroll     |            |           | 09:00
    """
        },
        """
        source | event_name | touchpoint | n_events | share_of_events
        -------+------------+------------+----------+----------------
        web    | add        | basket     | 1        | 1 / 4
        web    | scroll     |            | 3        | 3 / 4
        desk   | scroll     |            | 1        | 1
    """,
    )
