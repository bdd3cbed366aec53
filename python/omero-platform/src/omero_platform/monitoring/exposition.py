"""Prometheus' text format, as much of it as the platform's own gauges need."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Family:
    """A metric with its samples: label values in the order of the label names, and the number."""

    name: str
    text: str
    kind: str = "gauge"
    labels: tuple[str, ...] = ()
    samples: dict[tuple[str, ...], float] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The family as it is sent."""
        lines = [f"# HELP {self.name} {self.text}", f"# TYPE {self.name} {self.kind}"]
        for values, number in self.samples.items():
            pairs = ",".join(
                f'{name}="{escape(value)}"' for name, value in zip(self.labels, values, strict=True)
            )
            lines.append(f"{self.name}{{{pairs}}} {number!r}" if pairs else f"{self.name} {number!r}")
        return lines


def escape(value: str) -> str:
    """A label value between its quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def exposition(families: list[Family]) -> str:
    """All families as one page."""
    return "\n".join(line for family in families for line in family.lines()) + "\n"
