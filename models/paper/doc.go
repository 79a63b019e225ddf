// Package paper makes documents to hand to people: said once as a [Document],
// written as HTML or as PDF.
//
// A document knows nothing of records and languages: all its texts are final.
// They may be anything that somebody typed: what is not to be seen (control
// characters, what turns the direction of writing around) is left out, HTML is
// escaped, and what is long is wrapped.
//
// The PDF carries its own font (Liberation Sans), with the letters of Latin,
// Greek, Cyrillic and Hebrew alphabets. A document with letters of another is
// refused by [LettersError] rather than printed with holes; as HTML it is
// shown by the reader's own fonts.
package paper
