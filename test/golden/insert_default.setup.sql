CREATE TABLE song (id int PRIMARY KEY, title text DEFAULT 'untitled', plays int NOT NULL DEFAULT 0);
