-- by_person.visit_splits: the visits in runs that two logins share; those made before are in event_runs.
-- kind: view
SELECT * FROM scratch.by_stream.visit_splits;
