package dev.litestream.integration.jpa;

import java.util.List;

import org.springframework.data.jpa.repository.JpaRepository;

interface JpaNoteRepository extends JpaRepository<JpaNote, Integer> {

	List<JpaNote> findByText(String text);

	List<JpaNote> findAllByOrderById();

}
