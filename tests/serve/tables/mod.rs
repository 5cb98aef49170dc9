//! Published tables over HTTP.

mod attacks;
mod forms;
mod pages;
mod publications;
mod shop;
