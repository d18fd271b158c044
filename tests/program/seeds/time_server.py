# A tutorial's server, written as Python 3; the port comes from the command line.
import sys
from socket import *
from time import ctime
import threading
HOST = ""
PORT = int(sys.argv[1])
BUFSIZE = 1024
ADDR = (HOST, PORT)
def msgHandler(conn_socket, addr):
    """
    对消息进行处理
    """
    print("connected from :", addr)
    while True:
        data = conn_socket.recv(BUFSIZE)
        if not data:
            break
        conn_socket.send(("[%s] %s" % (ctime(), data.decode())).encode())
    conn_socket.close()
    print(addr, "---closed")

def main():
    """
    tcpServerSocket Demo
    """
    tcpSocket = socket(AF_INET, SOCK_STREAM)
    tcpSocket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    tcpSocket.bind(ADDR)
    tcpSocket.listen(5)
    try:
        while True:
            print("waiting for connection...", flush=True)
            connSock, addr = tcpSocket.accept()
            print(connSock, addr)
            thread = threading.Thread(target=msgHandler, args=(connSock, addr))
            thread.start()
    except Exception as e:
        tcpSocket.close()

if __name__ == "__main__":
    main()
