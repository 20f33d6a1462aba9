"""Checkpoints in a git repository: a file each, committed, and pushed if so asked."""

import asyncio
import os
from pathlib import Path
from typing import Final

from gateway.store.evidence import Checkpoint
from gateway.store.growth import Growth
from gateway.workers.witness_folder import SUFFIX, KeptInFolder, WitnessError

_SECONDS: Final = 30
_AUTHOR: Final = (
    *("-c", "user.name=triage-gateway"),
    *("-c", "user.email=witness@triage-gateway.invalid"),
    *("-c", "commit.gpgsign=false"),
)


class KeptInRepository:
    """A working tree that is the witness's alone."""

    def __init__(self, repository: Path, *, push: bool) -> None:
        self._files = KeptInFolder(repository)
        self._push = push

    def last(self, origin: str) -> Checkpoint | None:
        """Return the newest checkpoint of a log that is kept here."""
        return self._files.last(origin)

    async def keep(self, told: Growth) -> None:
        """Write the checkpoint's file and commit it, with any that was left before.

        Raises:
            WitnessError: if git is absent, refuses or takes too long.

        """
        await self._files.keep(told)
        folder = self._files.file(told.checkpoint).parent.name
        await self._git("add", "--", f"{folder}/*{SUFFIX}")
        if await self._status("diff", "--cached", "--quiet", "--", folder):
            message = f"Checkpoint of position {told.checkpoint.size}"
            await self._git("commit", "--quiet", "--message", message, "--", folder)
        if self._push:
            await self._push_branch()

    async def _push_branch(self) -> None:
        if status := await self._status("push", "--quiet"):
            raise WitnessError(
                f"git push failed (status {status}). Is the remote reachable, and may "
                "this user push to it? If it has commits that are not here, another "
                "clone pushes to this branch: give each a branch of its own."
            )

    async def _git(self, *arguments: str) -> None:
        if status := await self._status(*arguments):
            raise WitnessError(
                f"git {arguments[0]} failed (status {status}). Is the folder a "
                "repository that this user may write?"
            )

    async def _status(self, *arguments: str) -> int:
        try:
            running = await asyncio.create_subprocess_exec(
                *("git", *_AUTHOR, *arguments),
                cwd=self._files.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            )
        except OSError:
            raise WitnessError(
                "git cannot be started. Install it, or name a folder instead."
            ) from None
        try:
            async with asyncio.timeout(_SECONDS):
                return await running.wait()
        except TimeoutError:
            raise WitnessError(f"git {arguments[0]} took too long.") from None
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
