"""The importer of dealer-system exports: read, map, check, stage, commit, undo."""
