"""How triggers that nobody may switch off are installed."""

from pgtrigger.compiler import UpsertTriggerSql


class LastingTriggerSql(UpsertTriggerSql):
    """As pgtrigger installs a trigger, but its function does not ask first whether `pgtrigger.ignore` names it: that
    setting is everybody's to change, and to ask for one that is not set raises an error and catches it again, for most
    of what a version cost. Migrations name this class: as they read, it stays."""

    def get_template(self) -> str:
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER AS $$ BEGIN {func} END; $$ LANGUAGE plpgsql;
            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE TRIGGER {pgid} {when} {operation} ON {table} {referencing}
                FOR EACH {level} {condition} EXECUTE FUNCTION {execute};
            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """
