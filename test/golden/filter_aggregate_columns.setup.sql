CREATE TABLE road (id int PRIMARY KEY);
CREATE TABLE trip (id int PRIMARY KEY, road_id int REFERENCES road, length float8, paid boolean);
INSERT INTO road VALUES (1), (2), (3);
INSERT INTO trip VALUES (1, 1, 10, true), (2, 1, 30, true), (3, 2, 5, false), (4, 2, 5.5, true);
