"""Everything that decides what the embedded model learns: its shape, and the stages of its training."""

from dataclasses import dataclass, field

from generator.embedded.rows import Mix


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of the model, a small copy of StarCoder's architecture."""

    width: int = 256
    layers: int = 5
    heads: int = 4
    positions: int = 1024
    vocabulary: int = 4096


@dataclass(frozen=True, slots=True)
class Stage:
    """One run over the functions; both rates rise over `warmup` steps and then fall to zero in a straight line.

    `average` is how slowly the weights that are kept follow those that are trained.
    """

    seed: int
    steps: int
    muon_rate: float
    adamw_rate: float
    average: float
    mix: Mix = field(default_factory=Mix)
    rows: int = 8
    warmup: int = 40


SEED = 2
# The first stage learns the functions, and of fill-in-the-middle the content only, neither where to begin nor where to
# stop. With the suffix first, beginning is plain continuation, and the second stage has only to learn where to stop;
# the third goes on with that, and with the rest of a line from the cursor on, which editors ask for most.
STAGES = (
    Stage(seed=2, steps=5200, muon_rate=6e-3, adamw_rate=3e-3, average=0.995),
    Stage(
        seed=3,
        steps=1394,
        muon_rate=3e-3,
        adamw_rate=1.5e-3,
        average=0.99,
        mix=Mix(
            fim=0.7,
            near=0.3,
            suffix_first=True,
            suffix_weight=0.3,
            middle_weight=2.0,
            line_weight=4.0,
            end_weight=10.0,
        ),
    ),
    Stage(
        seed=4,
        steps=1300,
        muon_rate=3e-3,
        adamw_rate=1.5e-3,
        average=0.99,
        mix=Mix(
            fim=0.75,
            near=0.15,
            line_rest=0.4,
            suffix_first=True,
            suffix_weight=0.1,
            middle_weight=3.0,
            line_weight=4.0,
            end_weight=8.0,
        ),
    ),
)
