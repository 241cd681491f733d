BEGIN TRANSACTION;
CREATE TABLE answers (
        item_id INTEGER NOT NULL REFERENCES items (id),
        place INTEGER NOT NULL,
        text TEXT NOT NULL,
        origin_id INTEGER REFERENCES origins (id),
        PRIMARY KEY (item_id, place)
    ) WITHOUT ROWID;
INSERT INTO "answers" VALUES(1,0,'"yes 1"',NULL);
INSERT INTO "answers" VALUES(1,1,'"no 1"',NULL);
INSERT INTO "answers" VALUES(2,0,'"yes 2"',NULL);
INSERT INTO "answers" VALUES(2,1,'"no 2"',NULL);
INSERT INTO "answers" VALUES(3,0,'"better"',1);
INSERT INTO "answers" VALUES(3,1,'"no 2"',NULL);
INSERT INTO "answers" VALUES(5,0,'"a"',2);
INSERT INTO "answers" VALUES(5,1,'"b"',NULL);
INSERT INTO "answers" VALUES(5,2,'"c"',NULL);
INSERT INTO "answers" VALUES(6,0,'"a"',NULL);
CREATE TABLE demonstrations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        item_id INTEGER NOT NULL REFERENCES items (id),
        annotator TEXT NOT NULL,
        text TEXT NOT NULL,
        place INTEGER,
        vote_id INTEGER REFERENCES votes (id),
        at REAL NOT NULL,
        undone REAL
    );
INSERT INTO "demonstrations" VALUES(1,2,'ana','"better"',1,5,1.79529652194561552998e+09,NULL);
CREATE TABLE items (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        digest TEXT NOT NULL,
        prompt TEXT NOT NULL,
        source TEXT NOT NULL,
        guess TEXT,
        probability REAL,
        UNIQUE (set_id, digest)
    );
INSERT INTO "items" VALUES(1,1,'1e709ff077844633e0ddd21bb792aecc0be39456b53db4a253d51024a5ff0818','"prompt 1"','rows.jsonl:1',NULL,NULL);
INSERT INTO "items" VALUES(2,1,'e5d197761308fbee31a970c76c734e596abf5de5eae9104f16f8ebc18ac22cbf','"prompt 2"','rows.jsonl:2',NULL,NULL);
INSERT INTO "items" VALUES(3,1,'a42bf09ad2d1f67eeda72ea1d0c620a32f48d17a3ea7315bbe19d17bc1ea58c3','"prompt 2"','edited from pair 2',NULL,NULL);
INSERT INTO "items" VALUES(4,2,'16ebecec19de29a7e302e93f133e2dfb0eb12bb718cd399d6ae3b76db931b095','"row 1"','','sad',0.6);
INSERT INTO "items" VALUES(5,3,'813622b7baed37952ca4aebc4355d91e3c31aff49ec0cf7e6844e1beaeb76bb4','"which?"','',NULL,NULL);
INSERT INTO "items" VALUES(6,4,'d9619da4e7edd606dd35dfb183537e99ae664cd5780b4e3306bbd9f9f44305d8','"good?"','',NULL,NULL);
CREATE TABLE origins (
        id INTEGER PRIMARY KEY,
        model TEXT NOT NULL,
        run TEXT NOT NULL,
        file TEXT NOT NULL,
        settings TEXT NOT NULL,
        UNIQUE (model, run, file, settings)
    );
INSERT INTO "origins" VALUES(1,'','','','{"written_by": "ana"}');
INSERT INTO "origins" VALUES(2,'m','','','{}');
CREATE TABLE sets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL DEFAULT 'pairs', classes TEXT NOT NULL DEFAULT '[]');
INSERT INTO "sets" VALUES(1,'geo','pairs','[]');
INSERT INTO "sets" VALUES(2,'mood','classes','["glad", "sad"]');
INSERT INTO "sets" VALUES(3,'ranks','ranking','[]');
INSERT INTO "sets" VALUES(4,'kto','single','[]');
CREATE TABLE undos (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        vote_id INTEGER REFERENCES votes (id),
        demonstration_id INTEGER REFERENCES demonstrations (id),
        annotator TEXT NOT NULL,
        at REAL NOT NULL,
        CHECK ((vote_id IS NULL) != (demonstration_id IS NULL))
    );
INSERT INTO "undos" VALUES(1,4,NULL,'boss',1.79529652194016170509e+09);
CREATE TABLE votes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        item_id INTEGER NOT NULL REFERENCES items (id),
        annotator TEXT NOT NULL,
        criterion TEXT NOT NULL DEFAULT '',
        choice TEXT NOT NULL,
        shown_left TEXT,
        repeat INTEGER NOT NULL DEFAULT 0,
        seconds REAL,
        note TEXT NOT NULL,
        at REAL NOT NULL,
        undone REAL
    );
INSERT INTO "votes" VALUES(1,1,1,'ana','','first','second',0,2.5,'',1.79529652191197323799e+09,NULL);
INSERT INTO "votes" VALUES(2,1,1,'ana','','second','first',1,NULL,'',1.7952965219200103283e+09,NULL);
INSERT INTO "votes" VALUES(3,1,2,'ana','honest','tie',NULL,0,NULL,'',1.79529652192795014377e+09,NULL);
INSERT INTO "votes" VALUES(4,1,2,'bob','','bad',NULL,0,NULL,'neither',1.79529652193190789218e+09,1.79529652194016170509e+09);
INSERT INTO "votes" VALUES(5,1,3,'ana','','first',NULL,0,NULL,'',1.79529652194595575336e+09,NULL);
INSERT INTO "votes" VALUES(6,2,4,'ana','','glad',NULL,0,NULL,'',1.79529652196004271512e+09,NULL);
INSERT INTO "votes" VALUES(7,3,5,'ana','','2>1=3',NULL,0,NULL,'',1.79529652196806859976e+09,NULL);
INSERT INTO "votes" VALUES(8,4,6,'ana','','good',NULL,0,NULL,'',1.79529652197204637534e+09,NULL);
CREATE INDEX items_of_set ON items (set_id, id);
CREATE INDEX standing_votes ON votes (set_id, annotator, item_id, criterion, repeat) WHERE undone IS NULL;
CREATE INDEX latest_votes ON votes (set_id, annotator) WHERE undone IS NULL;
CREATE INDEX votes_of_item ON votes (item_id);
CREATE INDEX demonstrations_of_item ON demonstrations (item_id);
CREATE INDEX demonstration_of_vote ON demonstrations (vote_id);
CREATE INDEX undo_of_vote ON undos (vote_id);
CREATE VIEW standing AS
        SELECT id, item_id, annotator, choice, shown_left, note, at, seconds, criterion, repeat, set_id
        FROM votes WHERE undone IS NULL;
CREATE VIEW overall AS SELECT * FROM standing WHERE criterion = '' AND repeat = 0;
CREATE VIEW named_items AS
        SELECT items.id, name AS set_name, kind, prompt, source, digest, guess, probability, set_id
        FROM items JOIN sets ON sets.id = set_id;
CREATE VIEW pairs AS
        SELECT items.id, name AS set_name, prompt, one.text AS first, other.text AS second, source, digest, set_id
        FROM items JOIN sets ON sets.id = set_id
        JOIN answers AS one ON one.item_id = items.id AND one.place = 0
        JOIN answers AS other ON other.item_id = items.id AND other.place = 1
        WHERE kind = 'pairs';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('items',6);
INSERT INTO "sqlite_sequence" VALUES('votes',8);
INSERT INTO "sqlite_sequence" VALUES('undos',1);
INSERT INTO "sqlite_sequence" VALUES('demonstrations',1);
COMMIT;
PRAGMA user_version = 2;
PRAGMA application_id = 1463962690;
