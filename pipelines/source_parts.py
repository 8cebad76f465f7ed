"""What journey.yaml may say of sources, and of how their identifiers become people and their events sessions."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from pipelines.durations import Seconds, seconds


class Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def without_colon(name: str) -> str:
    """Refuse a name that could not be told from the value behind it, in an identifier `kind:namespace:value`."""
    if ":" in name:
        raise ValueError(f"'{name}' holds a colon, which parts a namespace from its values; write it without")
    return name


Namespace = Annotated[str, AfterValidator(without_colon)]


class SourceSpec(BaseModel):
    """What every source may say; the other keys are its connector's own."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True)

    connector: str
    records: Literal["append", "snapshot"] | None = None
    exact_duplicates: Literal["keep", "drop"] = "keep"
    channel: str | None = None
    user_ids: Namespace | None = None
    device_ids: Namespace | None = None
    order_ids: Namespace | None = None
    ticket_ids: Namespace | None = None
    account_ids: Namespace | None = None
    complete_until: datetime | None = None
    query: tuple[str, ...] = ()

    _names = field_validator("query", mode="before")(many)

    @property
    def namespaces(self) -> dict[str, str]:
        """The namespaces that identifiers of this source share with others, by kind; a kind left out is its own."""
        said = {"user": self.user_ids, "device": self.device_ids, "order": self.order_ids, "ticket": self.ticket_ids}
        return {kind: namespace for kind, namespace in said.items() if namespace}


class Caps(Closed):
    """To how many identifiers of people one identifier of a kind may be linked; and how many a person may have."""

    user: int = Field(default=50, ge=1)
    email: int = Field(default=10, ge=1)
    phone: int = Field(default=10, ge=1)
    order: int = Field(default=5, ge=1)
    ticket: int = Field(default=5, ge=1)
    person: int = Field(default=100, ge=1)


def _identifier(text: str) -> str:
    if not re.fullmatch(r"(user|device|order|ticket|account):[^:]+:.+|(email|phone):.+", text):
        raise ValueError(
            f"'{text}' is no identifier; write kind:namespace:value with a user, device, order, ticket or account, such as "
            "user:shop:42, or email:ann@shop.example, or phone:+4930123456"
        )
    return text


Identifier = Annotated[str, AfterValidator(_identifier)]
"""`kind:namespace:value`; of an e-mail address or a phone number `email:a@b.com` or the key that stands for it."""


class Identity(Closed):
    """How identifiers become people."""

    attribute_back: Seconds = seconds("30d")
    block: tuple[Identifier, ...] = ()
    unlink: tuple[tuple[Identifier, Identifier], ...] = ()
    caps: Caps = Caps()


class SessionCap(Closed):
    """A session over it is marked: it is hardly one human's."""

    events: int = Field(default=2000, ge=1)
    time: Seconds = seconds("24h")


class Sessions(Closed):
    """Gap sessions, or the source's own."""

    gap: Seconds = seconds("30m")
    by: Literal["gap", "source"] = "gap"
    cap: SessionCap = SessionCap()
