"""Recomputes the statistical trend tables from the raw tables with pandas and scipy, and compares.

    python tests/models/recompute.py postgresql://user@host/database

Needs pandas, scipy and psycopg2. Numbers must agree to 1e-9. Exits 1 and prints what differs.
"""

import hashlib
import math
import sys

import numpy as np
import pandas as pd
import psycopg2
from scipy import stats

FEATURES = [
    "danceability", "energy", "loudness", "speechiness", "acousticness",
    "instrumentalness", "liveness", "valence", "tempo", "duration_ms",
]  # fmt: skip
TOLERANCE = 1e-9
NEW_RELEASE_WEEKS = 26
BASELINE_WEEKS = 12
FEWEST_PEERS = 20
CORRELATION_SAMPLE = 20_000


def main(url):
    with psycopg2.connect(url) as connection:
        tracks, weeks = read_tracks(connection)
        credits = read_credits(connection)
        failures = (
            compare(connection, "feature_popularity_correlation", ["period", "feature"], correlations(tracks, weeks))
            + compare(connection, "weekly_feature_trend", ["release_week", "feature"], weekly_trend(weeks))
            + compare(connection, "artist_feature_profile", ["artist_id"], profiles(tracks, credits))
            + compare(connection, "weekly_sound_shift", ["release_week", "feature"], sound_shift(tracks, weeks))
            + compare(connection, "release_momentum", ["album_id"], momentum(connection, tracks))
        )
    print("\n".join(failures[:50]) or "all five tables agree")
    return 1 if failures else 0


def query(connection, sql):
    cursor = connection.cursor()
    cursor.execute(sql)
    return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])


def read_tracks(connection):
    """One row per track: its first album, that album's Monday, its features, its latest popularity.

    And the tracks of each week with a release, which may be none.
    """
    albums = query(connection, "select album_id, release_date, release_date_precision, released_on from raw.albums")
    by_day = (albums.release_date_precision.fillna("day") == "day") & (albums.release_date.str.len() == 10)
    released = pd.to_datetime(albums.released_on)
    albums["day"] = released.where(by_day)
    albums["released_on"] = released
    albums["release_week"] = albums.day - pd.to_timedelta(albums.day.dt.day_of_week, unit="D")

    tracks = query(connection, "select track_id, album_id, duration_ms as listed_ms from raw.album_tracks")
    tracks = tracks.merge(albums, on="album_id").sort_values(["released_on", "day", "album_id"])
    weeks = sorted(albums.release_week.dropna().unique())
    tracks = tracks.drop_duplicates("track_id")
    details = query(connection, "select track_id, duration_ms from raw.track_details")
    features = query(connection, f"select track_id, source, {', '.join(FEATURES[:-1])} from raw.audio_features")
    readings = query(connection, "select track_id, observed_on, popularity from raw.track_popularity")
    readings = readings.sort_values("observed_on").drop_duplicates("track_id", keep="last")
    for table in (details, features, readings):
        tracks = tracks.merge(table, on="track_id", how="left")
    tracks["duration_ms"] = tracks.duration_ms.fillna(tracks.listed_ms)
    tracks[[*FEATURES, "popularity"]] = tracks[[*FEATURES, "popularity"]].astype(float)
    tracks["tempo"] = tracks.tempo.replace(0.0, np.nan)
    tracks["is_new"] = within(tracks.release_week, *new_release_window(connection))
    return tracks, [(week, tracks[tracks.release_week == week]) for week in weeks]


def new_release_window(connection):
    """The first and the last Monday of the weeks whose releases are new."""
    latest = query(
        connection,
        """
        select max(released_on)
        from raw.albums
        where
            length(release_date) = 10 and coalesce(release_date_precision, 'day') = 'day'
            and released_on <= (select max(extracted_at) at time zone 'utc' from raw.release_sightings)::date
        """,
    ).iloc[0, 0]
    last = pd.Timestamp(latest) - pd.Timedelta(days=latest.weekday())
    return last - pd.Timedelta(weeks=NEW_RELEASE_WEEKS - 1), last


def within(weeks, first, last):
    return (weeks >= first) & (weeks <= last)


def read_credits(connection):
    """One row per track and artist credited on it."""
    credits = query(
        connection,
        "select t.track_id, t.artist_ids as artist_id from raw.album_tracks as t join raw.albums using (album_id)",
    )
    return credits.explode("artist_id").dropna().drop_duplicates()


def correlations(tracks, weeks):
    weeks = [(week.strftime("%Y-%m-%d"), group) for week, group in weeks]
    for period, group in [("all", sample(tracks)), *weeks]:
        for feature in FEATURES:
            pairs = group.dropna(subset=[feature, "popularity"])
            yield {
                "period": period, "feature": feature, "tracks": len(group), "n": len(pairs), **sources(pairs, feature),
                **correlation(pairs[feature].to_numpy(), pairs.popularity.to_numpy()),
            }  # fmt: skip


def sample(tracks):
    """All tracks, or of many every second, fourth and so on, by the first 32 bits of the MD5 of their ids."""
    part = 2.0 ** -max(0, math.ceil(math.log2(max(1, tracks.release_week.notna().sum() / CORRELATION_SAMPLE))))
    number = tracks.track_id.map(lambda track: int(hashlib.md5(track.encode()).hexdigest()[:8], 16) / 2**32)
    return tracks[number < part]


def sources(tracks, feature):
    """How many rows came from where. The duration is Spotify's own, whoever gave the others."""
    if feature == "duration_ms":
        return {"rows_spotify": len(tracks), "rows_reccobeats": 0}
    return {f"rows_{source}": (tracks.source == source).sum() for source in ("spotify", "reccobeats")}


def correlation(x, y):
    n = len(x)
    if n < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return {}
    pearson, spearman = stats.pearsonr(x, y), stats.spearmanr(x, y).statistic
    result = {"pearson": pearson.statistic, "spearman": spearman}
    if n > 3 and abs(pearson.statistic) < 1 - 1e-10:
        result["pearson_low"], result["pearson_high"] = pearson.confidence_interval(0.95)
    if n > 3 and abs(spearman) < 1 - 1e-10:
        half = stats.norm.ppf(0.975) * np.sqrt((1 + spearman**2 / 2) / (n - 3))
        result["spearman_low"], result["spearman_high"] = np.tanh(np.arctanh(spearman) + [-half, half])
    return result


def weekly_trend(weeks):
    for week, group in weeks:
        for feature in FEATURES:
            known = group.dropna(subset=[feature])
            values = known[feature]
            q1, median, q3 = values.quantile([0.25, 0.5, 0.75])
            yield {
                "release_week": week.date(), "feature": feature, "tracks": len(group), "n": len(values),
                **sources(known, feature),
                "mean": values.mean(), "stddev": values.std(), "q1": q1, "median": median, "q3": q3,
            }  # fmt: skip


def profiles(tracks, credits):
    credited = credits.merge(tracks[tracks.is_new], on="track_id").groupby("artist_id")
    profile = credited[FEATURES].mean().round(10)
    for feature in FEATURES:
        known = profile[feature].notna().sum()
        profile[f"{feature}_percentile"] = (profile[feature].rank(method="min") - 1) / max(known - 1, 1)
    profile["tracks"] = credited.size()
    profile["albums"] = credited.album_id.nunique()
    profile["tracks_with_features"] = credited.source.count()
    for source in ("spotify", "reccobeats"):
        profile[f"rows_{source}"] = credited.source.agg(lambda sources, source=source: (sources == source).sum())
    profile["tracks_with_popularity"] = credited.popularity.count()
    profile["mean_popularity"] = credited.popularity.mean()
    return profile.reset_index().to_dict("records")


def sound_shift(tracks, weeks):
    """Hedges' g between the tracks of a week and all those of the weeks before."""
    for week, group in weeks:
        before = tracks[within(tracks.release_week, week - pd.Timedelta(weeks=BASELINE_WEEKS), week - pd.Timedelta(days=1))]
        for feature in FEATURES:
            now, then = group.dropna(subset=[feature]), before.dropna(subset=[feature])
            x, y = now[feature].to_numpy(), then[feature].to_numpy()
            row = {"release_week": week.date(), "feature": feature, "n": len(x), "baseline_n": len(y)}
            measured_by = {"spotify"} if feature == "duration_ms" else {*now.source, *then.source}
            if min(len(x), len(y)) >= FEWEST_PEERS and len(measured_by) == 1:
                n = len(x) + len(y)
                pooled = np.sqrt(((len(x) - 1) * x.var(ddof=1) + (len(y) - 1) * y.var(ddof=1)) / (n - 2))
                g = (1 - 3 / (4 * (n - 2) - 1)) * (x.mean() - y.mean()) / pooled
                half = stats.norm.ppf(0.975) * np.sqrt(1 / len(x) + 1 / len(y) + g**2 / (2 * n))
                row |= {"shift": x.mean() - y.mean(), "effect_size": g, "effect_low": g - half, "effect_high": g + half}
            yield row


def momentum(connection, tracks):
    """The latest reading of each new release against all new releases of its age."""
    first, last = new_release_window(connection)
    readings = query(
        connection,
        """
        select album_id, released_on, observed_on - released_on as age, max(track_popularity.popularity) as popularity
        from raw.albums
        inner join raw.album_tracks using (album_id)
        inner join raw.track_popularity using (track_id)
        where length(release_date) = 10 and coalesce(release_date_precision, 'day') = 'day'
        group by album_id, observed_on
        """,
    )
    readings["released_on"] = pd.to_datetime(readings.released_on)
    readings = readings[within(readings.released_on, first, last + pd.Timedelta(days=6)) & (readings.age >= 0)]
    by_release = {album: dict(zip(group.age, group.popularity)) for album, group in readings.groupby("album_id")}
    gains = {}
    for album, by_age in by_release.items():
        for age, popularity in by_age.items():
            before = next((age - days for days in (8, 7, 6) if age - days in by_age), None)
            if before is not None:
                gains[album, age] = (popularity - by_age[before]) * 7 / (age - before)
    own = tracks.groupby("album_id").size()
    for album, by_age in by_release.items():
        age = max(by_age)
        peers = [other[age] for other in by_release.values() if age in other]
        peer_gains = [gain for (_, other_age), gain in gains.items() if other_age == age]
        row = {"album_id": album, "days_since_release": age, "popularity": by_age[age], "own_tracks": own.get(album, 0)}
        row |= {"releases_of_age": len(peers), "gains_of_age": len(peer_gains), "gain_per_week": gains.get((album, age))}
        if len(peers) >= FEWEST_PEERS:
            row["popularity_percentile"] = sum(peer < by_age[age] for peer in peers) / (len(peers) - 1)
        if (album, age) in gains and len(peer_gains) >= FEWEST_PEERS:
            row["gain_percentile"] = sum(gain < gains[album, age] - 1e-10 for gain in peer_gains) / (len(peer_gains) - 1)
        yield row


def compare(connection, table, key, expected):
    rows = list(expected)
    expected = (pd.DataFrame(rows) if rows else pd.DataFrame(columns=key)).set_index(key)
    actual = query(connection, f"select * from trends.{table}").set_index(key)
    failures = [f"{table} {row}: in one only" for row in expected.index.symmetric_difference(actual.index)]
    actual = actual.reindex(expected.index)
    for column in expected.columns:
        left, right = expected[column].astype(float), actual[column].astype(float)
        scale = np.maximum(1, left.abs())
        differs = ~(((left - right).abs() <= TOLERANCE * scale) | (left.isna() & right.isna()))
        failures += [f"{table} {row}: {column} is {right[row]}, expected {left[row]}" for row in left[differs].index]
    print(f"{table}: {len(expected)} rows, {len(failures)} differences")
    return failures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
