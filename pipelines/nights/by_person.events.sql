-- by_person.events: stale and new events, as they are now.
-- kind: view
SELECT * FROM scratch.main.new_events;
