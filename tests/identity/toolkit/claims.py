"""What the provider says in its ID tokens besides: by which methods somebody proved who they are."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):  # type: ignore[misc]  # the toolkit has no types
    """Who has ``stick`` in their name used a second factor."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Methods of RFC 8176."""
        return {"amr": ["pwd", "hwk"] if "stick" in request.user.username else ["pwd"]}
