"""What a certificate can state of a game: one frozen record per theorem shape, checked by the kernel under the same ``kind``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, ClassVar

from epsdelta.exact.rational import text

__all__ = ["Claim", "Convergence", "Equilibrium", "NoMetric", "SchurStep", "SmallGain", "Statement", "StepContraction", "StrongMonotonicity",
           "UnstableEquilibrium", "UnstableFlow", "UnstableStep", "encode"]

Vector = Sequence[Fraction]
Matrix = Sequence[Sequence[Fraction]]


def encode(value: Any) -> Any:
    """Rationals as ``"p/q"`` strings, sequences as lists: the JSON form of a claim or witness."""
    if isinstance(value, Fraction):
        return text(value)
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement about a game; ``kind`` names its theorem."""

    kind: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"kind": self.kind} | {f.name: encode(getattr(self, f.name)) for f in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallGain(Claim):
    """Small-Gain Nash (V. Sharma, 2025, arXiv 2512.06791): block constants on the region and weights w with margin alpha(w) >=
    margin.

    ``bands`` holds tuples (i, j, low, high): every ratio w_i/w_j in [low, high] admits weights with C(w, 0) >= 0.
    """

    kind: ClassVar[str] = "small_gain"
    margin: Fraction
    weights: Vector
    lipschitz: Fraction
    curvature: Vector
    own_lipschitz: Vector
    coupling: Matrix
    bands: Sequence[tuple[int, int, Fraction, Fraction]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchurStep(Claim):
    """Projected gradient play with steps h_i <= 2/(mu_i + l_i) contracts by ``rate`` in the block max norm with ``scales``.

    ``updates`` is "simultaneous" or "any" (sequential and asynchronous too); ``weights`` (or None) those of the 2-norm with the
    same rate.
    """

    kind: ClassVar[str] = "schur_step"
    step_sizes: Vector
    updates: str
    rate: Fraction
    scales: Vector
    weights: Vector | None
    curvature: Vector
    own_lipschitz: Vector
    coupling: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class StrongMonotonicity(Claim):
    """<F(x) - F(y), x - y>_P >= margin |x - y|_P^2 on the region: the flow contracts exponentially while it stays there."""

    kind: ClassVar[str] = "strong_monotonicity"
    metric: Matrix
    margin: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContraction(Claim):
    """One step of (projected) gradient play shrinks squared P-distances on the region by ``rate_squared`` < 1."""

    kind: ClassVar[str] = "step_contraction"
    step_sizes: Vector
    metric: Matrix
    rate_squared: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Convergence(Claim):
    """Gradient play cannot leave a set, contracts there by ``rate_squared`` per step in squared P-distance, and converges to its only
    equilibrium.

    The set is all of space or all strategies where ``center`` and ``radius`` are None, else the ball |x - center|_P <= radius.
    """

    kind: ClassVar[str] = "convergence"
    step_sizes: Vector
    metric: Matrix
    rate_squared: Fraction
    center: Vector | None
    radius: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Equilibrium(Claim):
    """Exactly one zero of the field in the region, at P-distance <= radius from the center."""

    kind: ClassVar[str] = "equilibrium"
    metric: Matrix
    margin: Fraction
    center: Vector
    radius: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class UnstableEquilibrium(Claim):
    """There is one zero of the field in the box |x - center| <= radius, and it is linearly unstable for the steps."""

    kind: ClassVar[str] = "unstable_equilibrium"
    step_sizes: Vector
    center: Vector
    radius: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class NoMetric(Claim):
    """No metric of the structure ("players": r_i I, "blocks": P_i) makes the linear field strictly monotone."""

    kind: ClassVar[str] = "no_metric"
    structure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnstableStep(Claim):
    """The linear game's I - HJ has spectral radius >= 1."""

    kind: ClassVar[str] = "unstable_step"
    step_sizes: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class UnstableFlow(Claim):
    """The linear game's J has an eigenvalue with real part <= 0: no equal step size is safe."""

    kind: ClassVar[str] = "unstable_flow"


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim with its witness, which is untrusted data."""

    claim: Claim
    witness: Mapping[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"claim": self.claim.to_dict(), "witness": encode(self.witness)}
