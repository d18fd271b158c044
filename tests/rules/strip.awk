# SPDX-License-Identifier: MIT
# strip.awk - C without its comments and with empty strings, each line behind "FILE:LINE:".
FNR == 1 { comment = 0 }
{
	out = ""
	count = length($0)
	for (i = 1; i <= count; i++) {
		c = substr($0, i, 1)
		pair = substr($0, i, 2)
		if (comment) {
			if (pair == "*/") {
				comment = 0
				i++
			}
		} else if (pair == "/*") {
			comment = 1
			i++
		} else if (pair == "//") {
			break
		} else if (c == "\"" || c == "'") {
			out = out c c
			for (i++; i <= count && substr($0, i, 1) != c; i++)
				if (substr($0, i, 1) == "\\")
					i++
		} else {
			out = out c
		}
	}
	print FILENAME ":" FNR ":" out
}
