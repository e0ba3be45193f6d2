PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE usage_records (id text primary key, timestamp text not null, request_id text, session_id text, conversation_id text, model text not null, provider text not null, input_tokens integer not null, output_tokens integer not null, cost_usd real not null, role text not null, task_name text);
INSERT INTO usage_records VALUES('th-1','2026-03-01T05:00:00Z','r','s','c','claude-sonnet-4-5','anthropic',100,10,0.5,'interactive','');
COMMIT;
