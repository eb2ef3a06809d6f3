"""The index built on Apache Spark: rows read, contents signed and written as segments, where Spark runs."""
