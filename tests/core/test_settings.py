"""Every setting is documented, with the default that is true."""

from pathlib import Path

from core.settings import ROOT, Settings


def test_every_setting_stands_in_the_documentation() -> None:
    lines = (ROOT / "docs" / "settings.md").read_text("utf-8").splitlines()
    rows = {line.split("|")[1].strip(" `"): line for line in lines if line.startswith("| `DATAG_")}
    assert set(rows) == {f"DATAG_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        row = rows[f"DATAG_{name.upper()}"]
        assert field.description and field.description in row
        if isinstance(field.default, int | bool):
            assert f"`{field.default}`" in row


def test_settings_come_from_the_environment(monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("DATAG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATAG_BATCH_SIZE", "7")
    monkeypatch.setenv("DATAG_ALLOWED_HOSTS", '["datag.example"]')
    found = Settings()
    assert (found.batch_size, found.allowed_hosts) == (7, ["datag.example"])
    assert found.resolved_database_url == f"sqlite:///{tmp_path / 'datag.db'}"
    assert found.resolved_weights_dir == tmp_path / "weights"
