package dev.litestream.integration.datajdbc;

import org.jspecify.annotations.Nullable;

import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;

@Table("note")
record DataJdbcNote(@Id @Nullable Integer id, String text) {

}
