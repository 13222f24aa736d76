"""What a chute file needs to be read: its image is built, the rest concerns the platform that runs it."""

from chutes.chute._chute import Chute
from chutes.chute._chute import Cord, Job
from chutes.chute._node_selector import NodeSelector

__all__ = ["Chute", "Cord", "Job", "NodeSelector"]
