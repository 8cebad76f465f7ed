"""Which connectors there are."""

from types import ModuleType

from connectors import files, ga4_export, shop_orders, zendesk

SOURCES: dict[str, ModuleType] = {
    "files": files,
    "ga4_export": ga4_export,
    "shop_orders": shop_orders,
    "zendesk": zendesk,
}
"""Every connector by the name that journey.yaml gives it; a new one is one more line."""
