from setuptools import setup

setup(name="thing", version="1.0", packages=["thing"], entry_points={"console_scripts": ["thing = thing:main"]})
