"""Secrets enter by reference only: the definition names an environment variable, never a value."""

import os

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import SecretMissing


class SecretRef(BaseModel):
    """A secret by the name of the environment variable that holds it.

    >>> SecretRef.model_validate({"env": "SHOP_TOKEN"})
    SecretRef(env='SHOP_TOKEN')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    env: str = Field(min_length=1)

    def value(self) -> str:
        """Read the secret; raises SecretMissing when the variable is unset or empty."""
        if found := os.environ.get(self.env):
            return found
        raise SecretMissing(f"The environment variable {self.env} is not set; export it before running this source.")
