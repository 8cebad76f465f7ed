"""Labels from names."""


def sentence(name: str) -> str:
    """Make a label from a name.

    >>> sentence("add_to_cart")
    'Add to cart'
    """
    return name.replace("_", " ").capitalize()
