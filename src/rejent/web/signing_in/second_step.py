"""The second step of signing in, left out where the identity provider vouches for one."""

from allauth.mfa.stages import AuthenticateStage

ASSERTED = "second-factor-asserted"
"""In the state of a signing in: whoever vouched for the person vouched for a second factor, too."""


class SecondStep(AuthenticateStage):  # type: ignore[misc]  # allauth has no types
    """Asks for code or passkey where the person has one."""

    def _should_handle(self, request: object) -> bool:
        return self.login.state.get(ASSERTED) is not True and super()._should_handle(request)
