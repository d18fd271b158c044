# A tutorial's client, written as Python 3; host and port come from the command line.
import sys
from socket import *
HOST = sys.argv[1]
PORT = int(sys.argv[2])
BUFSIZE = 1024
ADDR = (HOST, PORT)
def main():
    """
    tcpClientSocket Demo
    """
    tcpSocket = socket(AF_INET, SOCK_STREAM)
    tcpSocket.connect(ADDR)
    while True:
        data = input("请输入信息:")
        if not data:
            break
        tcpSocket.send(data.encode())
        data = tcpSocket.recv(BUFSIZE).decode()
        if not data:
            break
        print("from sever message:", (data))
    tcpSocket.close()

if __name__ == "__main__":
    main()
