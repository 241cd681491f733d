BEGIN TRANSACTION;
CREATE TABLE pairs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        digest TEXT NOT NULL,
        prompt TEXT NOT NULL,
        first TEXT NOT NULL,
        second TEXT NOT NULL,
        source TEXT NOT NULL,
        UNIQUE (set_id, digest)
    );
INSERT INTO "pairs" VALUES(1,1,'5815febc48efc3b7b9115f74c2f9295d1a6b58d851f3bbe1d731039451cdcb1a','"prompt 0"','"yes 0"','"no 0"','rows.jsonl:1');
INSERT INTO "pairs" VALUES(2,1,'1e709ff077844633e0ddd21bb792aecc0be39456b53db4a253d51024a5ff0818','"prompt 1"','"yes 1"','"no 1"','rows.jsonl:2');
INSERT INTO "pairs" VALUES(3,1,'e5d197761308fbee31a970c76c734e596abf5de5eae9104f16f8ebc18ac22cbf','"prompt 2"','"yes 2"','"no 2"','rows.jsonl:3');
INSERT INTO "pairs" VALUES(4,1,'3a5afaba66f34c542e1b76b55da83f816366f98f24e881e5c1c6e53531ad20da','"prompt 3"','"yes 3"','"no 3"','rows.jsonl:4');
INSERT INTO "pairs" VALUES(5,2,'a375720397368538f62a6ecdd998b7105f3969feac450507383af14056c0eac4','[{"role": "user", "content": "Wie heißt 漢字?"}]','[{"role": "assistant", "content": "Kanji \ud800"}]','"text"','');
CREATE TABLE sets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO "sets" VALUES(1,'geo');
INSERT INTO "sets" VALUES(2,'chat');
CREATE TABLE votes (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        set_id INTEGER NOT NULL REFERENCES sets (id),
        pair_id INTEGER NOT NULL REFERENCES pairs (id),
        annotator TEXT NOT NULL,
        choice TEXT NOT NULL,
        shown_left TEXT,
        note TEXT NOT NULL,
        at REAL NOT NULL,
        undone REAL
    );
INSERT INTO "votes" VALUES(1,1,3,'cyn','second',NULL,'',1.79528615799876093859e+09,NULL);
INSERT INTO "votes" VALUES(2,1,1,'ana','first','second','short',1.79528615799966907501e+09,NULL);
INSERT INTO "votes" VALUES(3,1,2,'ana','tie','first','',1.79528615799999213221e+09,1.7952861580002954006e+09);
INSERT INTO "votes" VALUES(4,1,2,'ana','second-clearly','first','',1.79528615800058054924e+09,NULL);
INSERT INTO "votes" VALUES(5,1,1,'bob','skip',NULL,'',1.79528615800084447862e+09,NULL);
INSERT INTO "votes" VALUES(6,1,1,'bob','bad','first','',1.79528615800110530852e+09,NULL);
INSERT INTO "votes" VALUES(7,2,5,'ana','first-clearly','second','',1.7952861580013701916e+09,NULL);
CREATE INDEX pairs_of_set ON pairs (set_id);
CREATE INDEX standing_votes ON votes (set_id, annotator, pair_id) WHERE undone IS NULL;
CREATE INDEX latest_votes ON votes (set_id, annotator) WHERE undone IS NULL;
CREATE VIEW standing AS SELECT * FROM votes WHERE undone IS NULL;
CREATE VIEW named_pairs AS
        SELECT pairs.id, name AS set_name, prompt, first, second, source, digest, set_id
        FROM pairs JOIN sets ON sets.id = set_id;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('pairs',5);
INSERT INTO "sqlite_sequence" VALUES('votes',7);
COMMIT;
PRAGMA user_version = 1;
PRAGMA application_id = 1463962690;
