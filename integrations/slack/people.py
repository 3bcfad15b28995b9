"""Who somebody in Slack is to us, and who can read a channel. Whoever we do not know has no rights."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from integrations.codes import taken
from integrations.live import Live
from integrations.slack.installs import Clients
from knowledge.access import Scope, together
from knowledge.errors import NotAllowed
from knowledge.state import User

SPACE, LOGINS = "slack-person", "slack-login"
REMEMBERED = timedelta(hours=12)
MOST_MEMBERS = 1000
NOBODY: Scope = Scope("nobody", "nobody", frozenset(), frozenset())
UNKNOWN = (
    "I do not know you yet, so I cannot show you anything. Ask whoever looks after Rapport for a code, then type "
    "`/rapport link CODE`; or ask them to add your e-mail address."
)


@dataclass(frozen=True)
class Profile:
    """What Slack says of a member: `trusted` where the address is their own workspace's word and they are no guest."""

    bot: bool
    email: str
    trusted: bool


class People:
    """Slack users as principals: by their Slack id (set by an admin or a code), else by their e-mail address."""

    def __init__(self, live: Live, clients: Clients) -> None:
        self._live, self._clients = live, clients

    async def user(self, client: AsyncWebClient, team: str, slack_id: str) -> User | None:
        """The person, or None. Fails: SlackApiError where Slack does not answer."""
        by_id = await asyncio.to_thread(self._by_id, team, slack_id)
        if by_id is not None:
            return by_id
        about = await self._profile(client, team, slack_id)
        if not about.trusted or not about.email:
            return None
        return await asyncio.to_thread(self._live.state.user_of_email, about.email)

    async def scope(self, client: AsyncWebClient, team: str, slack_id: str) -> Scope | None:
        """The person's rights; None for somebody who is not known, or whose role is not defined any more."""
        found = await self.user(client, team, slack_id)
        try:
            return await asyncio.to_thread(self._live.scope, found) if found else None
        except NotAllowed:
            return None

    async def least(self, client: AsyncWebClient, team: str, channel: str, bot: str | None) -> Scope:
        """What everybody who is in the channel may see. Channels too large to look through count as open to strangers."""
        members = await self.members(client, channel)
        if len(members) > MOST_MEMBERS:
            return NOBODY
        scopes = []
        for member in members:
            if member == bot:
                continue
            scope = await self.scope(client, team, member)
            if scope is None:
                if (await self._profile(client, team, member)).bot:
                    continue
                return NOBODY
            scopes.append(scope)
        return together(scopes, f"channel:{channel}")

    async def members(self, client: AsyncWebClient, channel: str) -> list[str]:
        """Who is in the channel; of very large ones some more than the most that are looked through."""
        members: list[str] = []
        cursor = None
        while True:
            got = await client.conversations_members(channel=channel, limit=200, **({"cursor": cursor} if cursor else {}))
            members += got["members"]
            cursor = (got.get("response_metadata") or {}).get("next_cursor")
            if not cursor or len(members) > MOST_MEMBERS:
                return members

    def came_in(self, team: str, slack_id: str, scope: Scope) -> None:
        """Tells the audit log who asks here: once in half a day each."""
        told = {"door": "slack", "slack": self._id(team, slack_id)}
        if self._live.state.keep_first(LOGINS, f"{scope.principal}\n{told['slack']}", 1, within=REMEMBERED):
            self._live.state.audit(scope.principal, scope.role, "login", told)

    def known(self, team: str, slack_id: str) -> User | None:
        """The person, as far as that can be told without asking Slack."""
        found = self._by_id(team, slack_id)
        kept = self._live.state.kept(SPACE, f"{team}:{slack_id}") if found is None else None
        return self._live.state.user_of_email(kept["email"]) if kept and kept["trusted"] and kept["email"] else found

    def link(self, team: str, slack_id: str, code: str) -> User | None:
        """Ties a Slack user to the person whose code it is; None where it is no good."""
        name = taken(self._live.state, code)
        user = self._live.state.user(name) if name else None
        if user is None:
            return None
        self._live.state.audit(user.name, user.role, "login", {"door": "slack", "slack": self._id(team, slack_id)})
        return self._live.state.add_user(user.name, user.role, slack=self._id(team, slack_id))

    def _by_id(self, team: str, slack_id: str) -> User | None:
        return self._live.state.user_of_slack(self._id(team, slack_id))

    def _id(self, team: str, slack_id: str) -> str:
        """Of many workspaces, ids are only ours together with their workspace."""
        return f"{team}:{slack_id}" if self._clients.config.many else slack_id

    async def _profile(self, client: AsyncWebClient, team: str, slack_id: str) -> Profile:
        key = f"{team}:{slack_id}"
        kept: dict[str, Any] | None = await asyncio.to_thread(self._live.state.kept, SPACE, key)
        if kept is None:
            try:
                got: dict[str, Any] = (await client.users_info(user=slack_id))["user"]
            except SlackApiError as err:
                if err.response.get("error") not in ("user_not_found", "user_not_visible"):
                    raise
                got = {}
            kept = {
                "bot": bool(got.get("is_bot")),
                "email": (got.get("profile") or {}).get("email", ""),
                "trusted": self._trusted(got, team),
            }
            await asyncio.to_thread(lambda: self._live.state.keep(SPACE, key, kept, within=REMEMBERED))
        return Profile(**kept)

    def _trusted(self, got: dict[str, Any], team: str) -> bool:
        """An address proves something only where the workspace is the company's own and the member no guest or stranger."""
        ours = not self._clients.config.many or team in self._live.settings.slack_trusted_teams
        foreign = any(got.get(k) for k in ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger"))
        return (
            ours
            and bool(got)
            and not foreign
            and got.get("team_id", team) == team
            and got.get("is_email_confirmed", True) is True
        )
