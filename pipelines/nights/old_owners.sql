-- old_owners: whose the visits of touched streams were.
SELECT visit_owners.*
FROM visit_owners
JOIN visits ON visit_owners.visit_no = visits.visit_no
JOIN touched_streams AS touched ON visits.stream_space = touched.stream_space AND visits.stream = touched.stream;
