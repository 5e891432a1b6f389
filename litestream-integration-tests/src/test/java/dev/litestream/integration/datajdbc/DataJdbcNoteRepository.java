package dev.litestream.integration.datajdbc;

import java.util.List;

import org.springframework.data.repository.ListCrudRepository;

interface DataJdbcNoteRepository extends ListCrudRepository<DataJdbcNote, Integer> {

	List<DataJdbcNote> findByText(String text);

	List<DataJdbcNote> findAllByOrderById();

}
