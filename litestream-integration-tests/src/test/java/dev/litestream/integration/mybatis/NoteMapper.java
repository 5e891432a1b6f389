package dev.litestream.integration.mybatis;

import java.util.List;

import dev.litestream.integration.Notes;
import org.apache.ibatis.annotations.Delete;
import org.apache.ibatis.annotations.Insert;
import org.apache.ibatis.annotations.Mapper;
import org.apache.ibatis.annotations.Param;
import org.apache.ibatis.annotations.Select;
import org.apache.ibatis.annotations.Update;

@Mapper
interface NoteMapper extends Notes {

	@Override
	@Insert("insert into note (text) values (#{text})")
	void add(@Param("text") String text);

	@Override
	@Update("update note set text = #{replacement} where text = #{text}")
	void replace(@Param("text") String text, @Param("replacement") String replacement);

	@Override
	@Delete("delete from note where text = #{text}")
	void remove(@Param("text") String text);

	@Override
	@Select("select text from note order by id")
	List<String> texts();

}
