create index note_text on note (text);
