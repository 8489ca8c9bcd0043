"""What a reload may change of the settings, and what needs a restart."""

from __future__ import annotations

from jobctl.config.fingerprints import adopted, differing, fingerprints
from jobctl.domain.rate_limit import RateLimit
from jobctl.domain.settings import ChannelSettings, QueueSettings, Settings


def test_every_changed_setting_is_named_as_in_the_file() -> None:
    before = Settings(grace=10.0, queues={"heavy": QueueSettings(1)})
    after = Settings(grace=20.0, queues={"heavy": QueueSettings(2, RateLimit(30, 60.0)), "light": QueueSettings(4)})
    assert differing(fingerprints(before), fingerprints(after)) == (
        "daemon.grace", "queues.heavy.max_concurrent", "queues.heavy.rate_limit", "queues.light.max_concurrent",
    )  # fmt: skip
    assert differing(fingerprints(before), fingerprints(before)) == ()


def test_what_may_hold_credentials_is_not_kept_as_it_is() -> None:
    url = "smtp://ann:hunter2@mail.example"
    kept = fingerprints(Settings(heartbeat=url, channels={"ops": ChannelSettings("ops", "email", {"url": url})}))
    assert "hunter2" not in str(kept)
    assert {"daemon.heartbeat", "channels.ops"} <= kept.keys()


def test_a_reload_does_not_take_what_needs_a_restart() -> None:
    before, after = fingerprints(Settings()), fingerprints(Settings(log_format="json", enabled=False))
    in_force = adopted(before, after)
    assert differing(in_force, after) == ("daemon.log_format",)
    assert in_force["daemon.enabled"] == "false"
