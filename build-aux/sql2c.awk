# Turns an SQL file into a C string constant: dir/find-run.sql becomes
# sp_sql_find_run. Lines that hold nothing but a comment are left out, so a
# string literal must not have a line that begins with "--".

# Character by character: awks differ in how gsub() takes backslashes.
function quoted(line,    i, c, out) {
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (c == "\t")
			c = "\\t"
		else if (c == "\"" || c == "\\" || c == "?") # "??" may begin a trigraph
			c = "\\" c
		out = out c
	}
	return "\"" out "\\n\""
}

NR == 1 {
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.sql$/, "", name)
	gsub(/[^A-Za-z0-9]/, "_", name)
	printf "static const char sp_sql_%s[] =", name
}
/^[ \t]*--/ || /^[ \t\r]*$/ { next }
{
	sub(/\r$/, "")
	printf "\n\t%s", quoted($0)
	lines++
}
END {
	if (!lines) {
		print FILENAME ": no SQL in it" >"/dev/stderr"
		exit 1
	}
	print ";\n"
}
