"""The retriever for a Weaviate server, and the loading of its knowledge."""
