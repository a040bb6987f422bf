"""When and where damage strikes: shocks that fade, or waves of strikes at night.

An event is one moment at which many things are damaged, with its share of all damage and the towns it
reaches. Hazard mode follows three laws of aftershocks: their rate decays as (t + c)^-p (Omori 1894, Utsu
1961; p is 0.9 to 1.5: Utsu, Ogata and Matsu'ura 1995, J. Phys. Earth 43), magnitudes follow Gutenberg and
Richter (1944) with b = 1, and the largest is 1.2 below the main shock (Bath 1965); all three together in
Shcherbakov et al. 2004, doi 10.1029/2004GL019808. In conflict mode waves begin late in the evening and end
in the morning, as the Ukrainian air force describes them (AP, 9 June 2025); between them a front is shelled,
by day more than by night.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mapper.geography.positions import EARTH_RADIUS_M
from mapper.simulation.chance import Floats, Numbers
from mapper.simulation.world import World

HOUR, DAY = 3_600, 86_400
MAIN_SHOCK_AT = 2 * HOUR
MAIN_SHARE, SLOW_SHARE = 0.42, 0.12  # slow: walls that give way later, in no shock
MAIN_MAGNITUDE, BATH, LEAST_MAGNITUDE = 7.0, 1.2, 4.2
OMORI_C_DAYS, OMORI_P = 0.5, 1.1
AFTERSHOCKS = 90
MAIN_REACH_KM, AFTERSHOCK_REACH_KM = 45.0, 12.0
WAVE_NIGHTS = 0.6  # of the nights bring a wave
WAVE_SHARE = 0.62  # of the damage in conflict mode
STRIKE_REACH_KM = 3.0
FRONT_SHARE = 0.3  # of the towns lie within reach of the front


@dataclass(frozen=True)
class Events:
    """Events in the order of time: seconds since the story began, share of the damage reached, towns.

    `towns` holds for each event the cumulated chances of the towns, each event's lying one higher than
    the last one's, so that one search finds event and town together.
    """

    at: Numbers
    reached: Floats
    towns: Floats
    town_count: int
    jitter_s: float


def shocks(world: World, seed: int, horizon_s: int) -> Events:
    """Return a main shock, its aftershocks, and what falls down later."""
    rng = np.random.default_rng((seed, 1))
    days = horizon_s / DAY
    after = (_omori(rng.random(AFTERSHOCKS), days) * DAY).astype(np.int64)
    magnitudes = np.minimum(
        LEAST_MAGNITUDE + rng.exponential(1 / np.log(10), AFTERSHOCKS), MAIN_MAGNITUDE - BATH
    )
    slow = np.arange(1, int(days) + 1) * DAY - rng.integers(0, DAY, int(days))
    felt = 10 ** (0.8 * (magnitudes - LEAST_MAGNITUDE))
    shares = np.concatenate(
        [
            [MAIN_SHARE],
            felt / felt.sum() * (1 - MAIN_SHARE - SLOW_SHARE),
            np.full(len(slow), SLOW_SHARE / max(1, len(slow))),
        ]
    )
    fault = _somewhere_people_live(world, rng)
    main = _fading(world, *fault, MAIN_REACH_KM)
    weights = [main]
    weights += [_fading(world, *_near(rng, *fault, 40.0), AFTERSHOCK_REACH_KM) for _ in range(AFTERSHOCKS)]
    weights += [main] * len(slow)
    at = np.concatenate([[MAIN_SHOCK_AT], MAIN_SHOCK_AT + 60 + after, slow])
    return _in_order(at, shares, np.array(weights), horizon_s, 90.0)


def strikes(world: World, seed: int, horizon_s: int, midnight_s: int) -> Events:
    """Return waves at night and shelling along a front. `midnight_s`: the story's first local midnight."""
    rng = np.random.default_rng((seed, 2))
    front = _front(world, rng)
    at, shares, is_wave, weights = [], [], [], []
    for day in range(max(1, horizon_s // DAY)):
        midnight = midnight_s + day * DAY
        if day == 0 or rng.random() < WAVE_NIGHTS:
            begin, size = midnight + rng.normal(0, 1.2 * HOUR), rng.lognormal(0, 0.9)
            for _ in range(rng.integers(2, 7)):
                at.append(begin + rng.uniform(0, 4.5 * HOUR))
                shares.append(size)
                is_wave.append(True)
                weights.append(_fading(world, *_somewhere_people_live(world, rng), STRIKE_REACH_KM))
        for hour in (8, 11, 15, 19, 2):  # shelling: four times in daylight, once in the dark
            at.append(midnight + hour * HOUR + rng.uniform(-HOUR, HOUR))
            shares.append(1.0)
            is_wave.append(False)
            weights.append(front)
    of_wave, sizes = np.array(is_wave), np.array(shares)
    sizes[of_wave] *= WAVE_SHARE / sizes[of_wave].sum()
    sizes[~of_wave] *= (1 - WAVE_SHARE) / sizes[~of_wave].sum()
    return _in_order(np.array(at), sizes, np.array(weights), horizon_s, 300.0)


def _in_order(
    at: Numbers | Floats, shares: Floats, weights: Floats, horizon_s: int, jitter_s: float
) -> Events:
    order = np.argsort(at, kind="stable")
    cumulated = np.cumsum(weights[order], axis=1)
    towns = cumulated / cumulated[:, -1:] + np.arange(len(order))[:, None]
    reached = np.cumsum(shares[order])
    return Events(
        at=np.clip(at[order], 0, horizon_s - 1).astype(np.int64),
        reached=reached / reached[-1],
        towns=towns.ravel(),
        town_count=weights.shape[1],
        jitter_s=jitter_s,
    )


def _omori(uniform: Floats, days: float) -> Floats:
    """Return days after the shock, by inverting the integral of (t + c)^-p from 0 to `days`."""
    power = 1 - OMORI_P
    first, last = OMORI_C_DAYS**power, (days + OMORI_C_DAYS) ** power
    return np.asarray((first + uniform * (last - first)) ** (1 / power) - OMORI_C_DAYS)


def _somewhere_people_live(world: World, rng: np.random.Generator) -> tuple[float, float]:
    town = rng.choice(len(world.population), p=world.population / world.population.sum())
    return _near(rng, world.longitude[town], world.latitude[town], 2.0)


def _near(rng: np.random.Generator, longitude: float, latitude: float, km: float) -> tuple[float, float]:
    degrees = np.degrees(km * 1_000 / EARTH_RADIUS_M)
    wide = degrees / max(0.05, np.cos(np.radians(latitude)))
    return float(longitude + rng.normal(0, wide)), float(latitude + rng.normal(0, degrees))


def _fading(world: World, longitude: float, latitude: float, reach_km: float) -> Floats:
    """Return how much of the damage falls on each town: by its people, fading with the square of distance."""
    return np.asarray(world.population / (1 + (_km(world, longitude, latitude) / reach_km) ** 2))


def _km(world: World, longitude: float, latitude: float) -> Floats:
    east = np.radians(world.longitude - longitude) * np.cos(np.radians(latitude))
    return np.asarray(np.hypot(east, np.radians(world.latitude - latitude)) * EARTH_RADIUS_M / 1_000)


def _front(world: World, rng: np.random.Generator) -> Floats:
    """Return the towns' chances of being shelled: those nearest to a line across the country."""
    angle = rng.uniform(0, np.pi)
    across = world.longitude * np.cos(angle) + world.latitude * np.sin(angle)
    far = np.abs(across - np.quantile(across, rng.uniform(0.1, 0.9)))
    return np.asarray(world.population * (far <= np.quantile(far, FRONT_SHARE)) + 1e-9)
