"""Where sealed objects lie: the local disk or any S3 server, behind one port."""
