"""The same job as dlt's documentation would have it: requests' session with retries, flat tables, merge by key.

Makes the least calls possible. The lists that dlt would make child tables of are stored as JSON; `workers` fetches
batches of ids side by side.
"""

import os
import sys

os.environ.update(
    RUNTIME__LOG_LEVEL="ERROR", RUNTIME__DLTHUB_TELEMETRY="false", NORMALIZE__DATA_WRITER__BUFFER_MAX_ITEMS="5000"
)

import dlt
from dlt.sources.helpers import requests

WORKERS = int(sys.argv[sys.argv.index("--workers") + 1]) if "--workers" in sys.argv else 1
API = os.environ["SPOTIFY_API_URL"]
ALBUM_TRACKS = dlt.mark.make_hints(
    table_name="album_tracks", write_disposition="merge", primary_key=["album_id", "id"]
)


def session():
    credentials = (os.environ["SPOTIFY_CLIENT_ID"], os.environ["SPOTIFY_CLIENT_SECRET"])
    grant = {"grant_type": "client_credentials"}
    token = requests.post(os.environ["SPOTIFY_TOKEN_URL"], data=grant, auth=credentials).json()["access_token"]
    client = requests.Client().session
    client.headers["authorization"] = f"Bearer {token}"
    if "--no-gzip" in sys.argv:
        client.headers["accept-encoding"] = "identity"
    return client


def get(path):
    answer = SESSION.get(API + path)
    answer.raise_for_status()
    return answer.json()


def several(name, ids, size):
    """One page of objects per call; deferred, so that dlt's thread pool makes the calls when there is one."""
    key = name.replace("-", "_")

    def call(batch):
        return [item for item in get(f"/{name}?ids={','.join(batch)}")[key] if item]

    for batch in (ids[start : start + size] for start in range(0, len(ids), size)):
        yield dlt.defer(call)(batch) if WORKERS > 1 else call(batch)


@dlt.resource(write_disposition="merge", primary_key="id", max_table_nesting=0)
def albums(new, track_ids):
    for start in range(0, len(new), 20):
        page = [album for album in get(f"/albums?ids={','.join(new[start : start + 20])}")["albums"] if album]
        tracks = [track for album in page for track in tracks_of(album)]
        track_ids.extend(track["id"] for track in tracks)
        yield page
        yield dlt.mark.with_hints(tracks, ALBUM_TRACKS, create_table_variant=True)


def tracks_of(album):
    tracks = album.pop("tracks")["items"]
    for offset in range(50, album["total_tracks"], 50):
        tracks += get(f"/albums/{album['id']}/tracks?limit=50&offset={offset}")["items"]
    return [{**track, "album_id": album["id"]} for track in tracks]


@dlt.resource(write_disposition="merge", primary_key="id", max_table_nesting=0)
def track_details(ids):
    yield from several("tracks", ids, 50)


@dlt.resource(write_disposition="merge", primary_key="id", max_table_nesting=0)
def audio_features(ids):
    yield from several("audio-features", ids, 100)


def main():
    pipeline = dlt.pipeline(
        "firstpress_peer",
        pipelines_dir=os.environ["PIPELINES_DIR"],
        destination=dlt.destinations.postgres(os.environ["DATABASE_URL"]),
        dataset_name="dlt_peer",
    )
    known = set()
    if pipeline.first_run is False:
        with pipeline.sql_client() as client:
            known = {row[0] for row in client.execute_sql("select id from albums")}
    listed, offset, total = [], 0, 1
    while offset < total:
        page = get(f"/browse/new-releases?limit=50&offset={offset}")["albums"]
        listed += [item["id"] for item in page["items"] if item]
        offset, total = offset + 50, page["total"]
    new = [album for album in dict.fromkeys(listed) if album not in known]
    if not new:
        return
    track_ids = []
    pipeline.extract(albums(new, track_ids))
    ids = list(dict.fromkeys(track_ids))
    pipeline.extract([track_details(ids), audio_features(ids)], workers=WORKERS)
    pipeline.normalize()
    pipeline.load()


SESSION = session()
main()
