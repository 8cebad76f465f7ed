-- known_rows: the rows of this log, under the name by which cleaning finds them.
-- reads: rows
CREATE OR REPLACE TEMP VIEW known_rows AS FROM rows;
