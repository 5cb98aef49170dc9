//! The SQL models in `templates/`: load, order, render, build, check, publish.
