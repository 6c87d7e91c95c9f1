"""What talks to the two platforms. Each connector turns a payload into a receipt; none touches the database."""
