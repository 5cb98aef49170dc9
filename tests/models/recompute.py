"""Recomputes the statistical trend tables from the raw tables with pandas and scipy, and compares.

    python tests/models/recompute.py postgresql://user@host/database

Needs pandas, scipy and psycopg2. Numbers must agree to 1e-9. Exits 1 and prints what differs.
"""

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


def main(url):
    with psycopg2.connect(url) as connection:
        tracks = read_tracks(connection)
        credits = read_credits(connection)
        failures = (
            compare(connection, "feature_popularity_correlation", ["period", "feature"], correlations(tracks))
            + compare(connection, "weekly_feature_trend", ["release_week", "feature"], weekly_trend(tracks))
            + compare(connection, "artist_feature_profile", ["artist_id"], profiles(tracks, credits))
        )
    print("\n".join(failures[:50]) or "all three tables agree")
    return 1 if failures else 0


def query(connection, sql):
    cursor = connection.cursor()
    cursor.execute(sql)
    return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description])


def read_tracks(connection):
    """One row per track: its first album, that album's Monday, its features, its latest popularity."""
    albums = query(connection, "select album_id, release_date, release_date_precision, released_on from raw.albums")
    by_day = (albums.release_date_precision.fillna("day") == "day") & (albums.release_date.str.len() == 10)
    released = pd.to_datetime(albums.released_on)
    albums["day"] = released.where(by_day)
    albums["released_on"] = released
    albums["release_week"] = albums.day - pd.to_timedelta(albums.day.dt.day_of_week, unit="D")

    tracks = query(connection, "select track_id, album_id, duration_ms as listed_ms from raw.album_tracks")
    tracks = tracks.merge(albums, on="album_id").sort_values(["released_on", "day", "album_id"])
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
    return tracks


def read_credits(connection):
    """One row per track and artist credited on it."""
    credits = query(
        connection,
        "select t.track_id, t.artist_ids as artist_id from raw.album_tracks as t join raw.albums using (album_id)",
    )
    return credits.explode("artist_id").dropna().drop_duplicates()


def correlations(tracks):
    weeks = [(week.strftime("%Y-%m-%d"), group) for week, group in tracks.groupby("release_week")]
    for period, group in [("all", tracks), *weeks]:
        for feature in FEATURES:
            pairs = group.dropna(subset=[feature, "popularity"])
            yield {
                "period": period, "feature": feature, "tracks": len(group), "n": len(pairs), **sources(pairs, feature),
                **correlation(pairs[feature].to_numpy(), pairs.popularity.to_numpy()),
            }  # fmt: skip


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


def weekly_trend(tracks):
    for week, group in tracks.groupby("release_week"):
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
    credited = credits.merge(tracks, on="track_id").groupby("artist_id")
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
