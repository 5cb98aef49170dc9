-- Waits that Spotify asked for whatever the command was, and on how many objects the knowledge of a field rests.

alter table ops.spotify_apps add column not_before timestamptz;
comment on column ops.spotify_apps.not_before is
'Spotify asked not to be called before this time, whichever command it told; null when it never did';

alter table ops.api_fields add column objects bigint not null default 0;
comment on column ops.api_fields.objects is 'How many objects were met with it';
comment on column ops.api_fields.is_always_there is
'Whether every object of the kind had it in every run since it was first met';
