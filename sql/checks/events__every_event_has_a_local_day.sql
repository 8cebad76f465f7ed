-- events__every_event_has_a_local_day: every event falls on a day of the reporting zone
SELECT event_id, occurred_at FROM events WHERE occurred_on IS NULL;
