mod courses;
mod keeping;
mod scripted;
