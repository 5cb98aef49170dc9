//! The dashboard as HTML: a page for each view, or all of them in one file that needs no other.
