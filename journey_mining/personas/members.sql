-- members: one row per unit.  key: unit_id
-- reads: units, assigned, wanted_personas (persona_no, persona)
SELECT unit_id, persona FROM units JOIN assigned USING (unit_no) JOIN wanted_personas USING (persona_no) ORDER BY unit_id;
