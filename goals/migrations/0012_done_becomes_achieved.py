from django.db import migrations

# What was "done" is "achieved" from now on, in the history too: the same fact by another word, so no version comes of
# it and the triggers that keep them rest meanwhile.
RENAME = """
ALTER TABLE goals_goal DISABLE TRIGGER USER;
UPDATE goals_goal SET outcome = '{new}' WHERE outcome = '{old}';
ALTER TABLE goals_goal ENABLE TRIGGER USER;
UPDATE goals_goalevent SET outcome = '{new}' WHERE outcome = '{old}';
"""


class Migration(migrations.Migration):
    dependencies = [("goals", "0011_the_whole_life_of_a_goal")]
    operations = [
        migrations.RunSQL(RENAME.format(old="done", new="achieved"), RENAME.format(old="achieved", new="done")),
    ]
