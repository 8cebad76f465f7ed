"""What is written where nobody is known, and the mailboxes that several people read: they tell nobody apart."""

from unicodedata import normalize

WORDS = """
anon anonymous deviceid device_id distinctid distinct_id email false guest id n/a n.a n.a. na nil none not-authenticated
not_authenticated not-set not_set notauthenticated notprovided notset null objectobject true undefined undefinedundefined
unknown unset userid user_id
"""
MARKS = ("", "-1", "-nan", "#n/a", "#na", "#null!", "\\n", "f", "nan", "nat", "nul")
"""Not of people who are called so; Nan and Nat are names, and so stay out of the mailboxes."""
NOBODY = (*MARKS, *WORDS.split())
"""What programs write where nobody is known, as the macro `plain_of` leaves it; of marks and zeros alone it leaves nothing."""

SHARED = """
abuse accounting accounts admin administrator billing bookings careers contact customerservice customersupport demo
donotreply enquiries everyone example feedback finance hello help helpdesk hostmaster hr info inquiries invoice invoices
it jobs legal mail mailerdaemon marketing newsletter nobody noreply notifications office orders post postmaster press
privacy purchasing reception root sales security service shop staff subscribe support team test tester testing
unsubscribe user users webmaster
"""


def _letters(name: str) -> str:
    """What tells one name of a mailbox from another: neither marks and blanks, nor the width of letters."""
    return "".join(c for c in normalize("NFKC", name) if c.isalnum())


SHARED_MAILBOXES = frozenset(map(_letters, (*SHARED.split(), *WORDS.split())))
"""Names of mailboxes that several people read, or nobody."""


def is_shared_mailbox(email: str) -> bool:
    """Tell whether an address, in its normal spelling, is one that several people use, or nobody.

    >>> [is_shared_mailbox(f"{name}@example.org") for name in ("info", "no-reply", "test+7", "team2", "infanta", "tessa")]
    [True, True, True, True, False, False]
    >>> [is_shared_mailbox(f"{name}@example.org") for name in ("guest", "n/a", "null", "12345", "nan")]
    [True, True, True, False, False]
    """
    return _letters(email.rpartition("@")[0].partition("+")[0]).rstrip("0123456789") in SHARED_MAILBOXES
