"""Rules of the registry, pure: frames in, frames with faults out."""
