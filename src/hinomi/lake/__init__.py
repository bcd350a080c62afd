"""Events at rest: Apache Iceberg tables, read by DuckDB or Spark through Ibis. No Django."""
